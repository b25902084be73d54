/** Models, adapters and control networks by name, each opened once and shared by the jobs that use it. */
package io.latent4j.service.registry;
