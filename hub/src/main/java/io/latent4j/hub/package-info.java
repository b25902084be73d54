/** Models from the Hugging Face hub: what is needed of them, in the cache that other tools share. */
package io.latent4j.hub;
