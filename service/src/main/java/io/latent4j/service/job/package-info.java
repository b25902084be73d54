/** What a job is to make, as values with a JSON form. */
package io.latent4j.service.job;
