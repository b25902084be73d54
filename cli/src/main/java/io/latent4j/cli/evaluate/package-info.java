/** Commands that measure what a model draws. */
package io.latent4j.cli.evaluate;
