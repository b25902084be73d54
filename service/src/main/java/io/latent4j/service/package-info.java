/** Runs jobs: images described as values, made with models that are opened once and shared. */
package io.latent4j.service;
