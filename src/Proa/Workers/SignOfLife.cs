using Proa.Linux;
using Proa.Supervision;

namespace Proa.Workers;

/// <summary>
/// Shows the supervisor that this worker lives, and that its timers and its thread pool do: whatever else hangs in it then has a deadline
/// of its own. It moves the offset in the file that the two share, see <see cref="WorkerPulse"/>.
/// </summary>
internal sealed class SignOfLife : IDisposable
{
    private readonly Timer _timer = new(_ => Descriptors.Advance(Libc.StandardInput), null, TimeSpan.Zero, WorkerPulse.Beat);

    public void Dispose() => _timer.Dispose();
}
