/**
 * Text and tokens: tokenizers, corpora, token sequences, the train and validation split, batches.
 *
 * <p>{@link io.manifoldmuon.model.data.Dataset#open} turns a {@code DataConfig} into two token
 * sequences. {@link io.manifoldmuon.model.data.Batches} and {@link
 * io.manifoldmuon.model.data.EvaluationWindows} read windows of them; both are pure functions of
 * their arguments, so that a resumed run sees the batches that an uninterrupted one would have
 * seen. {@link io.manifoldmuon.model.data.Preparer} writes token shards.
 *
 * <p>Every problem with the user's data is a {@link io.manifoldmuon.model.data.DataException}.
 */
package io.manifoldmuon.model.data;
