/** Images as arrays and as files. */
package io.latent4j.core.image;
