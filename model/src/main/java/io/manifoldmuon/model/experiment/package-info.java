/**
 * Experiments: which runs answer a question, how they are run as processes of their own and gone on
 * with, and what came out. Knows configurations and what runs leave in their folders, and nothing
 * of what a run computes.
 */
package io.manifoldmuon.model.experiment;
