/** The server's own API: jobs, their events, images, and what there is to make them with. */
package io.latent4j.server.own;
