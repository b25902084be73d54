/** {@code latent4j serve}: images over HTTP. */
package io.latent4j.cli.serve;
