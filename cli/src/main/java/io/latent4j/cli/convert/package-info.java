/** Commands that write models and adapters in another form. */
package io.latent4j.cli.convert;
