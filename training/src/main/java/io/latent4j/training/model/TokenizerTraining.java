package io.latent4j.training.model;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a tokenizer of CLIP's kind from captions: byte-pair encoding (<a
 * href="https://arxiv.org/abs/1508.07909">Sennrich et al. 2016</a>, algorithm 1) of lower-cased words, whose last letters
 * are marked. The same captions make the same tokenizer.
 */
public final class TokenizerTraining {
    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final String END = "</w>";
    private static final String BEGIN_TEXT = "<|startoftext|>";
    private static final String END_TEXT = "<|endoftext|>";
    private static final int RARE = 2;

    private TokenizerTraining() {}

    /** Two neighbouring tokens of a word. */
    private record Pair(String first, String second) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int order = first.compareTo(other.first);
            return order != 0 ? order : second.compareTo(other.second);
        }
    }

    /**
     * Learns merges until there are {@code entries} tokens, or no two neighbours are seen twice, and writes the folder that
     * {@link io.latent4j.textencoder.ClipTokenizer#read} reads.
     *
     * @param maxLength the tokens of a text, begin and end included
     * @return how many tokens there are
     * @throws IOException if the folder cannot be written
     */
    public static int write(Iterable<String> captions, int entries, int maxLength, Path folder) throws IOException {
        Map<String, Long> words = words(captions);
        List<Pair> merges = merges(words, Math.max(0, entries - 2 * 256 - 2));
        JsonObject vocabulary = new JsonObject();
        List<String> bytes = byteLetters();
        bytes.forEach(letter -> vocabulary.addProperty(letter, vocabulary.size()));
        bytes.forEach(letter -> vocabulary.addProperty(letter + END, vocabulary.size()));
        merges.forEach(pair -> vocabulary.addProperty(pair.first + pair.second, vocabulary.size()));
        vocabulary.addProperty(BEGIN_TEXT, vocabulary.size());
        vocabulary.addProperty(END_TEXT, vocabulary.size());
        Files.createDirectories(folder);
        StringBuilder lines = new StringBuilder("#version: 0.2\n");
        merges.forEach(
                pair -> lines.append(pair.first).append(' ').append(pair.second).append('\n'));
        Files.writeString(folder.resolve("merges.txt"), lines);
        writeJson(folder.resolve("vocab.json"), vocabulary);
        JsonObject special = new JsonObject();
        special.addProperty("bos_token", BEGIN_TEXT);
        special.addProperty("eos_token", END_TEXT);
        special.addProperty("unk_token", END_TEXT);
        special.addProperty("pad_token", END_TEXT);
        writeJson(folder.resolve("special_tokens_map.json"), special);
        JsonObject config = special.deepCopy();
        config.addProperty("tokenizer_class", "CLIPTokenizer");
        config.addProperty("model_max_length", maxLength);
        config.addProperty("do_lower_case", true);
        config.addProperty("add_prefix_space", false);
        config.addProperty("errors", "replace");
        writeJson(folder.resolve("tokenizer_config.json"), config);
        return vocabulary.size();
    }

    private static void writeJson(Path file, JsonObject json) throws IOException {
        Files.writeString(
                file,
                new GsonBuilder()
                                .setPrettyPrinting()
                                .disableHtmlEscaping()
                                .create()
                                .toJson(json) + "\n");
    }

    /** How often each word is seen, its bytes written as letters. */
    private static Map<String, Long> words(Iterable<String> captions) {
        List<String> letters = byteLetters();
        List<Integer> order = byteOrder();
        String[] letterOf = new String[256];
        for (int i = 0; i < 256; i++) {
            letterOf[order.get(i)] = letters.get(i);
        }
        Map<String, Long> words = new TreeMap<>();
        for (String caption : captions) {
            Matcher matcher = WORD.matcher(
                    Normalizer.normalize(caption, Normalizer.Form.NFC).toLowerCase(Locale.ROOT));
            while (matcher.find()) {
                StringBuilder word = new StringBuilder();
                for (byte b : matcher.group().getBytes(StandardCharsets.UTF_8)) {
                    word.append(letterOf[b & 0xFF]);
                }
                words.merge(word.toString(), 1L, Long::sum);
            }
        }
        return words;
    }

    /** The pairs to merge, in order: each time the one seen most often, of equals the first in the alphabet. */
    private static List<Pair> merges(Map<String, Long> words, int most) {
        Map<List<String>, Long> split = split(words);
        List<Pair> merges = new ArrayList<>();
        Optional<Pair> best = mostFrequent(split);
        while (merges.size() < most && best.isPresent()) {
            merges.add(best.get());
            split = merge(split, best.get());
            best = mostFrequent(split);
        }
        return merges;
    }

    /** Every word as its letters, the last one marked. */
    private static Map<List<String>, Long> split(Map<String, Long> words) {
        Map<List<String>, Long> split = new LinkedHashMap<>();
        words.forEach((word, count) -> {
            List<String> tokens = new ArrayList<>(
                    word.codePoints().mapToObj(Character::toString).toList());
            tokens.set(tokens.size() - 1, tokens.get(tokens.size() - 1) + END);
            split.put(tokens, count);
        });
        return split;
    }

    private static Optional<Pair> mostFrequent(Map<List<String>, Long> split) {
        Map<Pair, Long> counts = new HashMap<>();
        split.forEach((tokens, count) -> {
            for (int i = 0; i + 1 < tokens.size(); i++) {
                counts.merge(new Pair(tokens.get(i), tokens.get(i + 1)), count, Long::sum);
            }
        });
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= RARE)
                .max(Map.Entry.<Pair, Long>comparingByValue()
                        .thenComparing(Map.Entry.<Pair, Long>comparingByKey().reversed()))
                .map(Map.Entry::getKey);
    }

    private static Map<List<String>, Long> merge(Map<List<String>, Long> split, Pair pair) {
        Map<List<String>, Long> merged = new LinkedHashMap<>();
        split.forEach((tokens, count) -> merged.merge(merge(tokens, pair), count, Long::sum));
        return merged;
    }

    private static List<String> merge(List<String> tokens, Pair pair) {
        List<String> merged = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            boolean here = i + 1 < tokens.size()
                    && tokens.get(i).equals(pair.first)
                    && tokens.get(i + 1).equals(pair.second);
            merged.add(here ? pair.first + pair.second : tokens.get(i));
            i += here ? 1 : 0;
        }
        return merged;
    }

    /** The bytes that print as themselves, then the others: the order of {@link #byteLetters}. */
    private static List<Integer> byteOrder() {
        List<Integer> order = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            if (prints(b)) {
                order.add(b);
            }
        }
        for (int b = 0; b < 256; b++) {
            if (!prints(b)) {
                order.add(b);
            }
        }
        return order;
    }

    /** A visible letter for each byte; bytes that have none take letters from 256 on. */
    private static List<String> byteLetters() {
        List<String> letters = new ArrayList<>();
        int next = 256;
        for (int b : byteOrder()) {
            letters.add(Character.toString(prints(b) ? b : next++));
        }
        return letters;
    }

    private static boolean prints(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
    }
}
