/** What commands print: messages, tables, progress, JSON, and the files that images are written to. */
package io.latent4j.cli.output;
