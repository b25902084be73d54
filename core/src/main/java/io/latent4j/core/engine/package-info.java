/** What is set in the process before the engine loads. */
package io.latent4j.core.engine;
