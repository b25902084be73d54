/** Text files. */
package io.latent4j.core.text;
