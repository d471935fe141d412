/** Whole training steps, engine against engine. */
package io.manifoldmuon.tests.engines;
