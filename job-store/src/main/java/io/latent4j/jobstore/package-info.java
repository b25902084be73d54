/** A store of jobs in a database: H2 in a file, or PostgreSQL. */
package io.latent4j.jobstore;
