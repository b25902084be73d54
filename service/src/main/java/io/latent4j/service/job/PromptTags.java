package io.latent4j.service.job;

import com.google.common.base.Splitter;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.AdapterUse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt and the adapters it names, as other tools write them: {@code <lora:name>}, {@code <lora:name:0.8>}, or what else
 * {@link AdapterStrengths} reads; {@code lyco} is another word for {@code lora}.
 *
 * @param text the prompt without them
 * @param tags in their order
 */
public record PromptTags(String text, List<Tag> tags) {
    private static final Pattern HYPERNET = Pattern.compile("<hypernet:[^<>]*>");
    private static final Pattern TAG = Pattern.compile("\\s*<(?:lora|lyco):([^<>]*)>");

    public PromptTags {
        tags = List.copyOf(tags);
    }

    /** An adapter by name, at its strengths. */
    public record Tag(String name, AdapterStrengths strengths) {

        /** The use of the adapter that the tag names. */
        AdapterUse use() {
            return strengths.of(name);
        }
    }

    /**
     * Takes the tags out of a prompt.
     *
     * @throws IllegalArgumentException if a tag is not as above
     */
    public static PromptTags of(String prompt) {
        List<Tag> tags = new ArrayList<>();
        Matcher hypernet = HYPERNET.matcher(prompt);
        if (hypernet.find()) {
            throw new IllegalArgumentException("the prompt has " + Shown.text(hypernet.group())
                    + "; hypernetworks are not supported; expected adapters, <lora:NAME:0.8>");
        }
        Matcher matcher = TAG.matcher(prompt);
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            tags.add(tag(matcher.group().strip(), matcher.group(1)));
            matcher.appendReplacement(text, "");
        }
        matcher.appendTail(text);
        return new PromptTags(tags.isEmpty() ? prompt : text.toString().strip(), tags);
    }

    private static Tag tag(String tag, String content) {
        List<String> parts = Splitter.on(':').trimResults().splitToList(content);
        if (parts.get(0).isEmpty()) {
            throw new IllegalArgumentException(
                    "the prompt has " + Shown.text(tag)
                            + "; expected <lora:NAME>, <lora:NAME:0.8>, <lora:NAME:TEXT:UNET> or <lora:NAME:te=TEXT:unet=UNET>");
        }
        return new Tag(
                parts.get(0), AdapterStrengths.of("the prompt has " + Shown.text(tag), parts.subList(1, parts.size())));
    }
}
