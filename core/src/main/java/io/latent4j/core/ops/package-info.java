/** Operators of libtorch that DJL has no call for. */
package io.latent4j.core.ops;
