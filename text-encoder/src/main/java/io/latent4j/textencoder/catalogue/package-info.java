/** The kinds of text encoders by their names. */
package io.latent4j.textencoder.catalogue;
