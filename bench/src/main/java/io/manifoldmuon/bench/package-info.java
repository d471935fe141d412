/**
 * Benchmarks of the operations and of whole steps: the same recorded graphs on every engine, timed
 * by JMH beside the ceiling of the machine.
 */
package io.manifoldmuon.bench;
