/**
 * Neural network blocks whose parameter names are exactly those of a checkpoint.
 *
 * <p>A tree of {@link io.latent4j.core.nn.NamedBlock}s is built, named and checked without an engine; arrays appear when
 * weights are loaded. Layers are called through typed methods with a {@link io.latent4j.core.nn.Pass}.
 */
package io.latent4j.core.nn;
