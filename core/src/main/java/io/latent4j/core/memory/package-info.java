/** Scopes that bound the life of intermediate arrays. */
package io.latent4j.core.memory;
