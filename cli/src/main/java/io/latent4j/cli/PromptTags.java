package io.latent4j.cli;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt and the adapters it names, as other tools write them: {@code <lora:name>}, {@code <lora:name:0.8>}, or {@code
 * <lora:name:0.5:0.8>} with a strength for the text encoder and one for the UNet.
 *
 * @param text the prompt without them
 * @param tags in their order
 */
record PromptTags(String text, List<Tag> tags) {
    private static final Pattern TAG = Pattern.compile("\\s*<lora:([^<>]*)>");

    PromptTags {
        tags = List.copyOf(tags);
    }

    /** An adapter by name, at its strengths. */
    record Tag(String name, double unetStrength, double textStrength) {}

    /** @throws IllegalArgumentException if a tag is not as above */
    static PromptTags of(String prompt) {
        List<Tag> tags = new ArrayList<>();
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
        if (parts.get(0).isEmpty() || parts.size() > 3) {
            throw new IllegalArgumentException(
                    "the prompt has " + tag + "; expected <lora:NAME>, <lora:NAME:0.8> or <lora:NAME:TEXT:UNET>");
        }
        double text = parts.size() > 1 ? strength(tag, parts.get(1)) : 1;
        return new Tag(parts.get(0), parts.size() > 2 ? strength(tag, parts.get(2)) : text, text);
    }

    private static double strength(String tag, String number) {
        try {
            return Double.parseDouble(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the prompt has " + tag + ", whose strength is \"" + number + "\"; expected a number such as 0.8",
                    e);
        }
    }
}
