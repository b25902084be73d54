/** A model's configuration files. */
package io.latent4j.core.config;
