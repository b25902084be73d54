package io.latent4j.cli.generate;

import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Messages;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Reads one prompt after another, and runs the command again for each with the options that it was begun with. A line that
 * begins with a colon changes an option for those that follow: {@code :steps 20}.
 */
final class PromptShell {
    private static final Set<String> NO_SETTINGS = Set.of("prompt", "interactive", "help", "version");
    private static final List<String> HELP = List.of(
            "TEXT                make images of a text",
            ":OPTION VALUE       set an option of generate for the prompts that follow, :steps 20 for instance",
            ":OPTION             set an option that takes no value; or take back what was set",
            ":settings           show what was set",
            ":reset              take all of it back",
            ":help, :quit        this; end, as the end of the input does");

    private final CommandLine program;
    private final CommandLine command;
    private final List<String> arguments;
    private final Map<String, List<String>> settings = new LinkedHashMap<>(); // arguments by an option's name

    /**
     * A shell of a command.
     *
     * @param program the command's, with which it is run
     * @param arguments of the program, without a prompt
     */
    PromptShell(CommandLine program, CommandLine command, List<String> arguments) {
        this.program = program;
        this.command = command;
        this.arguments = List.copyOf(arguments);
    }

    /**
     * Runs until the input ends, it is told to quit, or it is interrupted.
     *
     * @param mark is shown before each line, on standard error
     * @return the exit code
     */
    int run(InputLines lines, String mark) throws IOException {
        try {
            while (true) {
                err().print(mark);
                err().flush();
                String line = lines.next().map(String::strip).orElse(":quit");
                if (Set.of(":quit", ":q", ":exit").contains(line)) {
                    return ExitCode.OK;
                }
                if (line.startsWith(":")) {
                    order(line.substring(1).strip());
                } else if (!line.isEmpty() && program.execute(arguments("--prompt=" + line)) == ExitCode.INTERRUPTED) {
                    return ExitCode.INTERRUPTED;
                }
            }
        } catch (InterruptedException e) {
            return ExitCode.INTERRUPTED;
        }
    }

    private String[] arguments(String last) {
        List<String> all = new ArrayList<>(arguments);
        settings.values().forEach(all::addAll);
        all.add(last);
        return all.toArray(String[]::new);
    }

    private void order(String order) {
        String[] words = order.split("\\s+", 2);
        switch (words[0]) {
            case "help" -> HELP.forEach(this::say);
            case "settings" ->
                say(
                        settings.isEmpty()
                                ? "nothing is set"
                                : String.join(
                                        "; ",
                                        settings.keySet().stream()
                                                .map(this::shown)
                                                .toList()));
            case "reset" -> {
                settings.clear();
                say("all options are as at the beginning");
            }
            default -> set(words[0], words.length > 1 ? words[1] : "");
        }
    }

    private String shown(String name) {
        return String.join(" ", settings.get(name)).substring("--".length()).replaceFirst("=", " ");
    }

    private void set(String name, String value) {
        OptionSpec option = command.getCommandSpec().findOption("--" + name);
        if (option == null || NO_SETTINGS.contains(name)) {
            say("there is no setting " + Messages.shown(name) + "; :help says what there is");
            return;
        }
        if (value.isEmpty() && option.arity().min() > 0) {
            settings.remove(name);
            say(name + " is as at the beginning");
            return;
        }
        List<String> before = settings.getOrDefault(name, List.of());
        settings.put(name, List.of(value.isEmpty() ? "--" + name : "--" + name + "=" + value));
        try {
            program.parseArgs(arguments("--prompt="));
            say(shown(name));
        } catch (ParameterException e) {
            say(Messages.of(e));
            settings.remove(name);
            if (!before.isEmpty()) {
                settings.put(name, before);
            }
        }
    }

    private void say(String text) {
        err().println(text);
        err().flush();
    }

    private PrintWriter err() {
        return command.getErr();
    }
}
