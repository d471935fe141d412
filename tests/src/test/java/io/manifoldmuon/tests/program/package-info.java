/** The whole program, from arguments and files to exit codes and files. */
package io.manifoldmuon.tests.program;
