package io.latent4j.spring.autoconfigure;

import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.spring.Latent4jImageModel;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Tells Spring Boot's health endpoint about the models, where an application has it. */
@AutoConfiguration(after = Latent4jImageAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Latent4jImageModel.class)
@ConditionalOnEnabledHealthIndicator(Latent4jImageModel.PROVIDER)
public class Latent4jHealthAutoConfiguration {

    /** For Spring. */
    public Latent4jHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(name = "latent4jHealthIndicator")
    HealthIndicator latent4jHealthIndicator(
            ModelRegistry models, JobTurns jobs, Latent4jProperties properties, Latent4jImageProperties image) {
        Set<String> names = new TreeSet<>(properties.models().keySet());
        names.add(ModelRegistry.EMBEDDED);
        String usual = image.options().model();
        if (usual != null) {
            names.add(usual);
        }
        return new Latent4jHealthIndicator(models, jobs, names);
    }
}
