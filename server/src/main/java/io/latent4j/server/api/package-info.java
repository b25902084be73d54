/** What the ways of speaking to the server share: jobs, models, images that are sent, events and errors. */
package io.latent4j.server.api;
