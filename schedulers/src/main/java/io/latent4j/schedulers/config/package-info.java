/**
 * What a model's {@code scheduler_config.json} says, read key by key.
 */
package io.latent4j.schedulers.config;
