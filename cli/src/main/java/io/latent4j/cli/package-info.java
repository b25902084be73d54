/** The command line: {@link io.latent4j.cli.Latent4j} is where it starts, each command is a class of its own. */
package io.latent4j.cli;
