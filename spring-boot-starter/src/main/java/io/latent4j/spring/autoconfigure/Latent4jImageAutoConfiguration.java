package io.latent4j.spring.autoconfigure;

import io.latent4j.core.engine.PyTorch;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.service.JobRunner;
import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelEntry;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.spring.Latent4jImageModel;
import io.latent4j.spring.Latent4jImageOptions;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.util.stream.Collectors;
import org.springframework.ai.image.observation.ImageModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Makes a {@link Latent4jImageModel} unless another provider of images is chosen. Spring closes the beans here when the
 * application ends: first the jobs, which waits for the one that runs, then the models.
 */
@AutoConfiguration
@ConditionalOnProperty(
        name = SpringAIModelProperties.IMAGE_MODEL,
        havingValue = Latent4jImageModel.PROVIDER,
        matchIfMissing = true)
@EnableConfigurationProperties({Latent4jProperties.class, Latent4jImageProperties.class})
public class Latent4jImageAutoConfiguration {

    /** For Spring. */
    public Latent4jImageAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    ModelRegistry latent4jModels(Latent4jProperties properties) throws IOException {
        PyTorch.engine(); // so that an application without it does not start
        for (String location : properties.models().values()) {
            ModelLocator.check(location);
        }
        ModelRegistry registry = new ModelRegistry(properties.placement());
        properties.models().forEach(registry::addModel);
        if (properties.adaptersFolder() != null) {
            registry.addFolder(EntryKind.ADAPTER, properties.adaptersFolder());
        }
        return registry;
    }

    @Bean
    @ConditionalOnMissingBean
    JobTurns latent4jJobs(ModelRegistry models, Latent4jProperties properties) {
        return new JobTurns(new JobRunner(models), properties.mostWaiting(), properties.shutdownGrace());
    }

    @Bean
    @ConditionalOnMissingBean
    Latent4jImageModel latent4jImageModel(
            JobTurns jobs,
            ModelRegistry models,
            Latent4jProperties properties,
            Latent4jImageProperties image,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ImageModelObservationConvention> convention)
            throws IOException {
        Latent4jImageModel.Builder builder = Latent4jImageModel.builder(jobs)
                .options(image.options())
                .models(properties.models().keySet())
                .adapters(models.entries(EntryKind.ADAPTER).stream()
                        .map(ModelEntry::name)
                        .collect(Collectors.toSet()))
                .observationRegistry(observations.getIfUnique(() -> ObservationRegistry.NOOP));
        convention.ifAvailable(builder::observationConvention);
        if (properties.preload()) {
            open(models, image.options());
        }
        return builder.build();
    }

    /** Opens the default model, which stays open until the registry is closed. */
    private static void open(ModelRegistry models, Latent4jImageOptions options) throws IOException {
        String name = options.model() == null ? ModelRegistry.EMBEDDED : options.model();
        if (models.takesNoText(name)) {
            models.leasePixels(name).close();
        } else {
            models.lease(name).close();
        }
    }
}
