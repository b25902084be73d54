/** The loaded parts of a model, and what belongs to one: adapters' targets, control networks and preview decoders. */
package io.latent4j.pipeline.model;
