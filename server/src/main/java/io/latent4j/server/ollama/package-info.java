/** Images in the way that clients of Ollama ask for them. */
package io.latent4j.server.ollama;
