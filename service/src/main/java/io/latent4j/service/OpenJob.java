package io.latent4j.service;

import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.service.job.ControlFile;
import io.latent4j.service.job.EmbeddingFile;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelEntry;
import io.latent4j.service.registry.ModelLease;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.textencoder.LearnedWord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A job whose names have become what is open.
 *
 * @param pipeline over the model, with everything attached but a refiner
 * @param request with the names that are attached
 * @param words that the prompts may have
 * @param warnings so far
 */
record OpenJob(
        TextToImagePipeline pipeline, GenerationRequest request, List<LearnedWord> words, List<String> warnings) {

    /**
     * Opens what a job names.
     *
     * @param controls the images of its controls
     * @throws IllegalArgumentException if something does not fit the model
     */
    static OpenJob of(
            ModelRegistry registry,
            ModelLease lease,
            JobSpec spec,
            GenerationRequest request,
            List<BufferedImage> controls)
            throws IOException {
        Map<String, Lora> adapters = new LinkedHashMap<>();
        List<AdapterUse> uses = new ArrayList<>();
        for (AdapterUse use : request.adapters()) {
            Lora lora = lease.adapter(use.name());
            String known = registry.find(EntryKind.ADAPTER, use.name())
                    .map(ModelEntry::name)
                    .orElse(lora.name());
            String title = free(known, adapters.keySet());
            AdapterUse titled =
                    new AdapterUse(title, use.denoiserStrength(), use.textStrength(), use.blocks(), use.schedule());
            checkBlocks(titled, lora);
            adapters.put(title, lora);
            uses.add(titled);
        }
        Map<String, ControlNet> nets = new LinkedHashMap<>();
        List<ControlInput> inputs = new ArrayList<>();
        for (ControlFile control : spec.controls()) {
            ControlNet net = lease.controlNet(control.name());
            String title = free(ModelRegistry.title(control.name()), nets.keySet());
            nets.put(title, net);
            inputs.add(new ControlInput(
                    title, controls.get(inputs.size()), control.scale(), control.range(), control.guess()));
        }
        List<LearnedWord> words = words(lease, spec);
        List<String> warnings = addMentioned(registry, lease, spec, words);
        Model model = applied(lease.model(), words, spec);
        TextToImagePipeline pipeline =
                new TextToImagePipeline(model).withAdapters(adapters).withControlNets(nets);
        if (spec.preview().isPresent()) {
            pipeline = pipeline.withPreviews(lease.previews(spec.preview().get()));
        }
        warnings.addAll(unused(model, spec));
        return new OpenJob(pipeline, request.withAdapters(uses).withControls(inputs), words, warnings);
    }

    /** The refiner with the job's settings, and those of its words that fit; all that it asks for itself must. */
    Model refining(ModelLease refiner, JobSpec spec) {
        int asked = spec.embeddings().size(); // which come first
        List<LearnedWord> fitting = new ArrayList<>(words.subList(0, asked));
        words.stream().skip(asked).filter(word -> fits(word, refiner.model())).forEach(fitting::add);
        return applied(refiner.model(), fitting, spec);
    }

    private static boolean fits(LearnedWord word, Model model) {
        try {
            model.withWords(List.of(word));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A name that no other has, where files in several folders have one. */
    private static String free(String name, Set<String> taken) {
        String free = name;
        for (int i = 2; taken.contains(free); i++) {
            free = name + "-" + i;
        }
        return free;
    }

    private static void checkBlocks(AdapterUse use, Lora lora) {
        new LoraUse(lora, use.denoiserStrength(), use.textStrength(), use.blocks(), use.schedule())
                .idleBlocks().stream()
                        .filter(name -> name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_'))
                        .findFirst()
                        .ifPresent(name -> {
                            throw new IllegalArgumentException("the adapter " + use.name() + " is given " + name
                                    + "=, which is neither an argument nor one of its layers; expected te=, unet= or a"
                                    + " pattern of layers such as down_blocks.*=");
                        });
    }

    /** Of two words of one name the job's own counts, and then the first adapter's. */
    private static List<LearnedWord> words(ModelLease lease, JobSpec spec) throws IOException {
        List<LearnedWord> words = new ArrayList<>();
        for (EmbeddingFile embedding : spec.embeddings()) {
            words.add(lease.word(embedding.file(), embedding.word()));
        }
        for (AdapterUse use : spec.request().adapters()) {
            for (LearnedWord word : lease.words(use.name())) {
                if (words.stream().noneMatch(other -> other.token().equals(word.token()))) {
                    words.add(word);
                }
            }
        }
        return words;
    }

    /**
     * Adds the registry's words that the prompts mention. One that cannot be read or is for other models is left as it is
     * written: whoever wrote it may not have meant it.
     *
     * @return what was left
     */
    private static List<String> addMentioned(
            ModelRegistry registry, ModelLease lease, JobSpec spec, List<LearnedWord> words) {
        List<String> warnings = new ArrayList<>();
        Prompt prompt = spec.request().prompt();
        registry.mentioned(prompt.text() + "\n" + prompt.negative()).forEach((written, entry) -> {
            if (words.stream().anyMatch(word -> word.token().equals(written))) {
                return;
            }
            try {
                Path file = Path.of(entry.location().orElseThrow());
                LearnedWord word = lease.word(file, Optional.of(written));
                if (fits(word, lease.model())) {
                    words.add(word);
                } else {
                    warnings.add(
                            "the learned word " + entry.name() + " has no effect: it is for another kind of model");
                }
            } catch (IOException | IllegalArgumentException e) {
                warnings.add("the learned word " + entry.name() + " has no effect: its file cannot be read");
            }
        });
        return warnings;
    }

    /** The model with a job's words and settings. */
    static Model applied(Model model, List<LearnedWord> words, JobSpec spec) {
        Model worded = model.withWords(words);
        return spec.schedulerSettings().isEmpty()
                ? worded
                : worded.withScheduler(set(worded.scheduler(), spec.schedulerSettings()));
    }

    /** What a model's file says, set anew. */
    static SchedulerConfig set(SchedulerConfig config, Map<String, String> settings) {
        SchedulerConfig scheduler = config;
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            scheduler = scheduler.withSetting(setting.getKey(), setting.getValue());
        }
        return scheduler;
    }

    private static List<String> unused(Model model, JobSpec spec) {
        if (spec.embeddings().isEmpty()) {
            return List.of();
        }
        List<String> own = model.text().words().subList(0, spec.embeddings().size()); // before those of adapters
        return model
                .unusedWords(List.of(
                        spec.request().prompt().text(), spec.request().prompt().negative()))
                .stream()
                .filter(own::contains)
                .map(word -> "the learned word " + word + " is in no prompt; its embedding has no effect")
                .toList();
    }
}
