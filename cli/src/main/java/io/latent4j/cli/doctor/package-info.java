/** The command that shows what latent4j runs on here, and checks that the device computes right. */
package io.latent4j.cli.doctor;
