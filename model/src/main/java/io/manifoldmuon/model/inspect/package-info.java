/** What the weights in a file are like: singular values, constraint residuals, modular norm. */
package io.manifoldmuon.model.inspect;
