/** Commands that train models and draw data sets. */
package io.latent4j.cli.train;
