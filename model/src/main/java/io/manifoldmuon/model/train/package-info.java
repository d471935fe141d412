/**
 * Training, evaluation, sampling and what they leave on disk: checkpoints, metrics, the report.
 * Nothing here prints; a {@link io.manifoldmuon.model.train.ProgressListener} is told what happens.
 */
package io.manifoldmuon.model.train;
