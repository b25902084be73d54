/** The command that shows what is in a model, a weights file, an adapter or an image. */
package io.latent4j.cli.inspect;
