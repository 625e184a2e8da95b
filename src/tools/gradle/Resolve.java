import java.io.File;
import java.util.Map;
import org.gradle.api.Project;
import org.gradle.testfixtures.ProjectBuilder;

/**
 * Prints the class path of a build.gradle at run time, and on a second line the one to compile with, as Gradle's own engine
 * resolves them, where no distribution of Gradle can be downloaded: java -cp ... Resolve.java PROJECT GRADLE_HOME
 * [NAME=VALUE...], with project properties.
 */
public class Resolve {
  public static void main(String[] arguments) {
    Project project =
        ProjectBuilder.builder()
            .withProjectDir(new File(arguments[0]))
            .withGradleUserHomeDir(new File(arguments[1]))
            .build();
    for (int i = 2; i < arguments.length; i++) {
      String[] property = arguments[i].split("=", 2);
      project.getExtensions().getExtraProperties().set(property[0], property[1]);
    }
    project.apply(Map.of("from", "build.gradle"));
    System.err.println("Gradle " + project.getGradle().getGradleVersion());
    System.out.println(project.getConfigurations().getByName("runtimeClasspath").getAsPath());
    System.out.println(project.getConfigurations().getByName("compileClasspath").getAsPath());
    System.exit(0);
  }
}
