/** Jobs over HTTP: the server, what it lets in, and what its APIs share. */
package io.latent4j.server;
