/** The web page: its files on the class path, and how they are served. */
package io.latent4j.server.page;
