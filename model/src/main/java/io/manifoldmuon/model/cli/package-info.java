/** The command line: options, output and exit codes; everything else is done elsewhere. */
package io.manifoldmuon.model.cli;
