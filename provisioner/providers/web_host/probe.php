<?php
// Is this site's PHP what was asked for? Laid for a moment by the trials of one run, removed by them; answers to nobody else.
const TOKEN_SHA256 = '@TOKEN_SHA256@';
const PROBE_NAME = '@PROBE_NAME@';

if (!hash_equals(TOKEN_SHA256, hash('sha256', $_SERVER['HTTP_X_GERBANG_PROBE'] ?? ''))) {
    http_response_code(404);
    exit;
}

function who(): array
{
    $file = sys_get_temp_dir() . '/' . PROBE_NAME . '.who';
    try {
        file_put_contents($file, '');
        return ['uid' => fileowner($file), 'php' => PHP_VERSION, 'sapi' => PHP_SAPI];
    } finally {
        @unlink($file);
    }
}

function try_to_read(array $paths): array
{
    $seen = ['readable' => [], 'refused' => []];
    foreach ($paths as $path) {
        $got = is_dir($path) ? @scandir($path) : @file_get_contents($path, false, null, 0, 1);
        $seen[$got === false ? 'refused' : 'readable'][] = $path;
    }
    return $seen;
}

function uploaded(): array
{
    $file = $_FILES['probe'] ?? null;
    return ['accepted' => $file !== null && $file['error'] === UPLOAD_ERR_OK,
            'error' => $file['error'] ?? -1, 'bytes' => $file['size'] ?? 0];
}

function mailed(array $asked): array
{
    $id = '<' . PROBE_NAME . '@gerbang.invalid>';
    $sent = @mail($asked['to'], PROBE_NAME, 'Percobaan Gerbang, hapus saja.', ['Message-ID' => $id]);
    return ['sent' => $sent, 'fate' => fate($id), 'open' => array_values(array_filter($asked['servers'], 'connects'))];
}

function fate(string $id): ?array
{
    $door = @stream_socket_client('unix:///run/gerbang-mail.sock', $number, $why, 2);
    if ($door === false) {
        return null;
    }
    stream_set_timeout($door, 5);
    fwrite($door, json_encode(['ask' => $id]) . "\n");
    return json_decode((string) fgets($door), true);
}

function connects(array $server): bool
{
    $socket = @fsockopen($server[0], $server[1], $number, $why, 2);
    return $socket !== false && fclose($socket);
}

function database(array $asked): array
{
    [$user, $name] = [$asked['user'], $asked['name']];
    $dsn = $asked['engine'] === 'mariadb' ? "mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=$name"
                                          : "pgsql:host=/run/postgresql;dbname=$name";
    try {
        $pdo = new PDO($dsn, $user, $asked['password'], [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_TIMEOUT => 5]);
    } catch (PDOException $off) {
        return ['login' => false, 'error' => (string) $off->getCode()];
    }
    $rows = $pdo->query($asked['list'])->fetchAll(PDO::FETCH_COLUMN);
    return ['login' => true, 'writes' => writes($pdo, $asked['writing']), 'databases' => array_map('strval', $rows)];
}

function writes(PDO $pdo, array $writing): bool
{
    if ($writing === []) {
        return false;
    }
    [$make, $fill, $read, $drop] = $writing;
    try {
        $pdo->exec($drop);
        $pdo->exec($make);
        $pdo->exec($fill);
        return $pdo->query($read)->fetchColumn() == 1;
    } catch (PDOException) {
        return false;
    } finally {
        $pdo->exec($drop);
    }
}

$asked = json_decode($_SERVER['HTTP_X_GERBANG_ASKS'] ?? 'null', true) ?? json_decode(file_get_contents('php://input'), true);
$answer = match ($asked['do'] ?? '') {
    'who' => who(),
    'read' => try_to_read($asked['paths']),
    'upload' => uploaded(),
    'mail' => mailed($asked),
    'database' => database($asked),
    default => ['error' => 'unknown question'],
};
header('Content-Type: application/json');
echo json_encode($answer);
