package io.latent4j.textencoder.t5;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Texts in their order, of which those are found that stand at a place of another text. Those that go on like it are a range,
 * which each letter narrows, so a place takes no longer than the longest text, however many there are.
 */
final class SortedTexts {
    private final List<String> sorted;

    SortedTexts(Collection<String> texts) {
        sorted = texts.stream().sorted().toList();
    }

    String get(int index) {
        return sorted.get(index);
    }

    /** The indices of all that stand at {@code start}, the shortest first. */
    List<Integer> at(String text, int start) {
        List<Integer> found = new ArrayList<>();
        int low = 0;
        int high = sorted.size();
        for (int at = start; at < text.length() && low < high; at++) {
            int depth = at - start;
            low = bound(low, high, depth, text.charAt(at));
            high = low == high ? low : bound(low, high, depth, text.charAt(at) + 1);
            if (low < high && sorted.get(low).length() == depth + 1) { // the shortest comes first, and there is one
                found.add(low++);
            }
        }
        return found;
    }

    /** The first of the texts from {@code low} to {@code high} that has {@code letter} or a later one at {@code depth}. */
    private int bound(int low, int high, int depth, int letter) {
        if (sorted.get(low).charAt(depth) >= letter) {
            return low;
        }
        if (sorted.get(high - 1).charAt(depth) < letter) {
            return high;
        }
        int from = low;
        int to = high;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (sorted.get(middle).charAt(depth) < letter) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
