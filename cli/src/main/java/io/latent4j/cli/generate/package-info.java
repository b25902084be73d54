/** Commands that make images, compare sampling methods and list them. */
package io.latent4j.cli.generate;
