/** The host's side of the kernels: graphs, grids, buffers, and the engines that run them. */
package io.manifoldmuon.kernels.host;
