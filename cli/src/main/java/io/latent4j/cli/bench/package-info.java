/** The command that measures how fast a model of full size runs here. */
package io.latent4j.cli.bench;
