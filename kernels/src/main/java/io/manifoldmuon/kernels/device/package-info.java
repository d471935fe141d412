/** Kernels: static methods that TornadoVM compiles for a device, and nothing else. */
package io.manifoldmuon.kernels.device;
