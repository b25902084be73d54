package io.latent4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelEntry;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.spring.Latent4jImageModel;
import io.latent4j.spring.Latent4jImageOptions;
import io.latent4j.textencoder.PromptSyntax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class Latent4jImageAutoConfigurationTest {
    private static final String IMAGE = "spring.ai.latent4j.image.options.";

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(Latent4jImageAutoConfiguration.class, Latent4jHealthAutoConfiguration.class))
            .withPropertyValues("spring.ai.latent4j.device=cpu");

    @TempDir
    private Path folder;

    @Test
    void makesAnImageModelUnlessAnotherIsChosen() {
        application.run(context -> assertThat(context).hasSingleBean(ImageModel.class));
        application
                .withPropertyValues("spring.ai.model.image=latent4j")
                .run(context -> assertThat(context).hasSingleBean(Latent4jImageModel.class));
        application
                .withPropertyValues("spring.ai.model.image=openai")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(ImageModel.class)
                        .doesNotHaveBean(ModelRegistry.class)
                        .doesNotHaveBean(HealthIndicator.class));
    }

    @Test
    void readsOptionsFromSettings() {
        application
                .withPropertyValues(
                        IMAGE + "n=2",
                        IMAGE + "model=embedded",
                        IMAGE + "width=64",
                        IMAGE + "height=128",
                        IMAGE + "response-format=b64_json",
                        IMAGE + "style=ink",
                        IMAGE + "negative-prompt=text",
                        IMAGE + "prompt-syntax=plain",
                        IMAGE + "clip-skip=2",
                        IMAGE + "scheduler=euler",
                        IMAGE + "steps=3",
                        IMAGE + "guidance-scale=4.5",
                        IMAGE + "guidance-rescale=0.5",
                        IMAGE + "seed=6",
                        IMAGE + "batch-size=7",
                        IMAGE + "strength=0.8",
                        IMAGE + "adapters.ink=0.9")
                .run(context -> assertThat(
                                context.getBean(Latent4jImageModel.class).getOptions())
                        .isEqualTo(Latent4jImageOptions.builder()
                                .n(2)
                                .model("embedded")
                                .width(64)
                                .height(128)
                                .responseFormat("b64_json")
                                .style("ink")
                                .negativePrompt("text")
                                .promptSyntax(PromptSyntax.PLAIN)
                                .clipSkip(2)
                                .scheduler("euler")
                                .steps(3)
                                .guidanceScale(4.5)
                                .guidanceRescale(0.5)
                                .seed(6L)
                                .batchSize(7)
                                .strength(0.8)
                                .adapters(Map.of("ink", 0.9))
                                .build()));
    }

    @Test
    void opensItsModelWithTheFirstPromptOrAtTheStart() {
        application.run(
                context -> assertThat(context.getBean(ModelRegistry.class).isOpen("embedded"))
                        .isFalse());
        application
                .withPropertyValues("spring.ai.latent4j.preload=true")
                .run(context -> assertThat(context.getBean(ModelRegistry.class).isOpen("embedded"))
                        .isTrue());
    }

    @Test
    void doesNotStartWithoutTheModelThatItIsToOpen() {
        application
                .withPropertyValues("spring.ai.latent4j.preload=true", IMAGE + "model=" + folder.resolve("none"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(folder.resolve("none").toString()));
    }

    @Test
    void findsAdaptersInTheirFolder() throws IOException {
        for (String name : List.of("ink.safetensors", "ink.pt", "moon.bin", "moon.pt", "readme.txt")) {
            Files.createFile(folder.resolve(name));
        }
        Files.createFile(Files.createDirectory(folder.resolve("more")).resolve("sun.safetensors"));

        application
                .withPropertyValues("spring.ai.latent4j.adapters-folder=" + folder)
                .run(context -> {
                    ModelRegistry models = context.getBean(ModelRegistry.class);
                    assertThat(models.entries(EntryKind.ADAPTER))
                            .extracting(ModelEntry::name)
                            .contains("ink", "moon", "sun")
                            .doesNotContain("readme");
                    assertThat(models.find(EntryKind.ADAPTER, "ink").flatMap(ModelEntry::location))
                            .contains(folder.resolve("ink.safetensors").toString());
                    assertThatThrownBy(() -> prompt(context.getBean(ImageModel.class), "rain"))
                            .isInstanceOf(NonTransientAiException.class)
                            .hasMessageContaining("there is no adapter \"rain\"; expected one of ink, ")
                            .hasMessageContaining(", moon, ");
                });
    }

    private static void prompt(ImageModel model, String adapter) {
        model.call(new ImagePrompt(
                "a star",
                Latent4jImageOptions.builder().adapters(Map.of(adapter, 1.0)).build()));
    }

    @Test
    void doesNotStartWithSettingsThatAreWrong() {
        application
                .withPropertyValues("spring.ai.latent4j.adapters-folder=" + folder.resolve("none"))
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("there is no such folder"));
        application
                .withPropertyValues("spring.ai.latent4j.models.photos=" + folder.resolve("none"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("there is no such folder or file"));
        application
                .withPropertyValues("spring.ai.latent4j.device=tpu")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("device is \"tpu\"; expected auto, cpu, cuda or cuda:N"));
    }

    @Test
    void saysHowItIs() {
        application.withPropertyValues(IMAGE + "steps=1").run(context -> {
            HealthIndicator indicator = context.getBean(HealthIndicator.class);
            assertThat(details(indicator))
                    .isEqualTo(Map.of("openModels", List.of(), "running", 0, "waiting", 0, "mostWaiting", 16));

            context.getBean(ImageModel.class).call(new ImagePrompt("a star"));

            assertThat(details(indicator)).containsEntry("openModels", List.of("embedded"));
            assertThat(health(indicator).getStatus()).isEqualTo(Status.UP);
            context.getBean(JobTurns.class).close();
            assertThat(health(indicator).getStatus()).isEqualTo(Status.DOWN);
        });
        application
                .withPropertyValues("management.health.latent4j.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
        application
                .withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).hasSingleBean(ImageModel.class));
    }

    private static Map<String, Object> details(HealthIndicator indicator) {
        return health(indicator).getDetails();
    }

    private static Health health(HealthIndicator indicator) {
        Health health = indicator.health(true);
        assertThat(health).isNotNull();
        return health;
    }

    @Test
    void closesItsModelsWhenTheApplicationEnds() {
        ModelRegistry[] models = new ModelRegistry[1];
        JobTurns[] jobs = new JobTurns[1];
        application.withPropertyValues("spring.ai.latent4j.preload=true").run(context -> {
            models[0] = context.getBean(ModelRegistry.class);
            jobs[0] = context.getBean(JobTurns.class);
        });

        assertThat(models[0].isOpen("embedded")).isFalse();
        assertThat(jobs[0].isOpen()).isFalse();
    }
}
