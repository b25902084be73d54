/** Images in the way that clients of OpenAI's images API ask for them. */
package io.latent4j.server.openai;
