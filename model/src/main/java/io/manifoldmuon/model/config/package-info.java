/**
 * The configuration of a run: immutable records that check themselves, read from built-in defaults,
 * YAML files and {@code key=value} settings by {@link io.manifoldmuon.model.config.ConfigBuilder}.
 *
 * <p>A new key is one component of a record and one value in {@code Defaults}: its name, type,
 * messages and YAML follow from the component.
 */
package io.manifoldmuon.model.config;
