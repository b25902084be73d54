/** Options that several commands share, and what they name, loaded. */
package io.latent4j.cli.options;
